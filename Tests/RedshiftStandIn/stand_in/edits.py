"""Changes of a text at places of it, and the way back from a place of the changed text."""


class Edits:
    def __init__(self, text):
        self.text = text
        self.changes = []

    def replace(self, start, end, new):
        """Puts `new` for the characters from `start` up to, not including, `end`."""
        self.changes.append((start, end, new))

    def result(self):
        """The changed text. Of overlapping changes the one that begins first, then the longer one, wins."""
        pieces, at, self.kept = [], 0, []
        for start, end, new in sorted(self.changes, key=lambda c: (c[0], -c[1])):
            if start < at:
                continue
            pieces += [self.text[at:start], new]
            at = end
            self.kept.append((start, end, new))
        return "".join(pieces) + self.text[at:]

    def original(self, position):
        """The place in the text as it was of a place (from 1) in the changed text."""
        shift, place = 0, position - 1
        for start, end, new in self.kept:
            begin = start + shift
            if place < begin:
                break
            if place < begin + len(new):
                return start + 1
            shift += len(new) - (end - start)
        return place - shift + 1
