"""One SQL statement: its text, its tokens with their places, and its syntax tree when sqlglot reads it."""

import logging
import re

import sqlglot
from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


class Words(Redshift.Tokenizer):
    """Redshift's tokens; sqlglot otherwise takes SHOW, LOCK and the like with all that follows as one."""

    COMMANDS = set()


class Statement:
    """Words are compared in lower case; a quoted name is never taken for a keyword."""

    def __init__(self, text, tokens):
        self.text = text
        self.tokens = tokens
        self._tree = None
        self._parsed = False
        self.words = [w for w in (self.word(i) for i in range(min(8, len(tokens))))]

    @property
    def tree(self):
        """The syntax tree; None for what sqlglot does not read or keeps as an opaque command."""
        if not self._parsed:
            self._parsed = True
            try:
                found = sqlglot.parse_one(masked(self.text), read="redshift")
                self._tree = None if isinstance(found, exp.Command) else found
            except (SqlglotError, RecursionError, ValueError):
                self._tree = None
        return self._tree

    def word(self, index):
        """The token as a lower-case word; quoted names and literals are no words."""
        if not 0 <= index < len(self.tokens):
            return ""
        token = self.tokens[index]
        if token.token_type in (TokenType.IDENTIFIER, TokenType.STRING, TokenType.HEREDOC_STRING):
            return ""
        return self.text[token.start : token.end + 1].lower()

    def name(self, index):
        """The token as a name, folded as Redshift folds it, quoted or not."""
        return self.tokens[index].text.lower() if 0 <= index < len(self.tokens) else ""

    def begins(self, *words):
        return all(self.word(i) == w for i, w in enumerate(words))

    def find(self, *words, start=0):
        """The index of the first run of these words; -1 when there is none."""
        for index in range(start, len(self.tokens) - len(words) + 1):
            if all(self.word(index + i) == w for i, w in enumerate(words)):
                return index
        return -1

    def holds(self, *words):
        return self.find(*words) >= 0

    def closing(self, opening):
        """The index of the parenthesis that closes the one at `opening`."""
        depth = 0
        for index in range(opening, len(self.tokens)):
            kind = self.tokens[index].token_type
            if kind == TokenType.L_PAREN:
                depth += 1
            elif kind == TokenType.R_PAREN:
                depth -= 1
                if depth == 0:
                    return index
        return len(self.tokens) - 1

    def arguments(self, opening):
        """The index of the first token of each argument of the call whose parenthesis is at `opening`."""
        closing, depth, found = self.closing(opening), 0, [opening + 1]
        for index in range(opening, closing):
            kind = self.tokens[index].token_type
            depth += kind == TokenType.L_PAREN
            depth -= kind == TokenType.R_PAREN
            if kind == TokenType.COMMA and depth == 1:
                found.append(index + 1)
        return found if closing > opening + 1 else []

    def depths(self):
        """The depth of parentheses at each token; a parenthesis counts outside of itself."""
        depth, found = 0, []
        for token in self.tokens:
            if token.token_type == TokenType.R_PAREN:
                depth -= 1
            found.append(depth)
            if token.token_type == TokenType.L_PAREN:
                depth += 1
        return found

    def top_level(self, word):
        """Indexes of a word outside of all parentheses."""
        depths = self.depths()
        return [i for i in range(len(self.tokens)) if depths[i] == 0 and self.word(i) == word]

    def qualified_name(self, index):
        """A name with its qualifiers that begins at a token: (parts, index after it)."""
        parts = [self.name(index)]
        index += 1
        while index + 1 < len(self.tokens) and self.tokens[index].token_type == TokenType.DOT:
            parts.append(self.name(index + 1))
            index += 2
        return parts, index

    def calls(self):
        """(index, name) of everything written like a call of a function: a name before a parenthesis."""
        for index in range(len(self.tokens) - 1):
            if self.tokens[index + 1].token_type != TokenType.L_PAREN:
                continue
            if self.tokens[index].token_type in (TokenType.STRING, TokenType.NUMBER):
                continue
            spelled = self.name(index)
            if spelled and (spelled[0].isalpha() or spelled[0] == "_"):
                yield index, spelled


def masked(sql):
    """The text with `:1` for `$1`, which sqlglot takes for the beginning of a quoted text; its places stay."""
    return re.sub(r"\$(?=\d)", ":", sql)


def tokens_of(sql):
    return Words(dialect=Redshift()).tokenize(masked(sql))


def split(sql):
    """The statements of a string, each without its semicolon; empty ones are left out."""
    tokens = tokens_of(sql)
    statements, current = [], []
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            if current:
                statements.append(current)
            current = []
        else:
            current.append(token)
    if current:
        statements.append(current)
    if len(statements) == 1 and tokens[-1].token_type != TokenType.SEMICOLON:
        return [Statement(sql, statements[0])]
    found = []
    for group in statements:
        text = sql[group[0].start : group[-1].end + 1]
        found.append(Statement(text, tokens_of(text)))
    return found
