import Testing

@testable import Jinja

/// What jinja2 3.1 prints for the trees of these arguments.
@Suite struct TreeTextTests {
  @Test(arguments: [
    (
      #"env_var('X', "it's")"#,
      #"Call(node=Name(name='env_var', ctx='load'), args=[Const(value='X'), Const(value="it's")], kwargs=[], dyn_args=None, dyn_kwargs=None)"#
    ),
    (
      "['x', 1, 2.5, none, true]",
      "List(items=[Const(value='x'), Const(value=1), Const(value=2.5), Const(value=None), Const(value=True)])"
    ),
    (
      "{'k': v.y, 1: t[1:2]}",
      "Dict(items=[Pair(key=Const(value='k'), value=Getattr(node=Name(name='v', ctx='load'), attr='y', ctx='load')), Pair(key=Const(value=1), value=Getitem(node=Name(name='t', ctx='load'), arg=Slice(start=Const(value=1), stop=Const(value=2), step=None), ctx='load'))])"
    ),
    ("x ~ 'a'", "Concat(nodes=[Name(name='x', ctx='load'), Const(value='a')])"),
    (
      "(1 if a else 2)",
      "CondExpr(test=Name(name='a', ctx='load'), expr1=Const(value=1), expr2=Const(value=2))"
    ),
    (
      "a|default('x', true)",
      "Filter(node=Name(name='a', ctx='load'), name='default', args=[Const(value='x'), Const(value=True)], kwargs=[], dyn_args=None, dyn_kwargs=None)"
    ),
    (
      "a is defined",
      "Test(node=Name(name='a', ctx='load'), name='defined', args=[], kwargs=[], dyn_args=None, dyn_kwargs=None)"
    ),
    (
      "not a and b or c",
      "Or(left=And(left=Not(node=Name(name='a', ctx='load')), right=Name(name='b', ctx='load')), right=Name(name='c', ctx='load'))"
    ),
    ("(1, 2)", "Tuple(items=[Const(value=1), Const(value=2)], ctx='load')"),
    (
      "1 < 2 <= 3",
      "Compare(expr=Const(value=1), ops=[Operand(op='lt', expr=Const(value=2)), Operand(op='lteq', expr=Const(value=3))])"
    ),
    ("-3", "Neg(node=Const(value=3))"),
    (
      "f(1, q=2, *a, **b)",
      "Call(node=Name(name='f', ctx='load'), args=[Const(value=1)], kwargs=[Keyword(key='q', value=Const(value=2))], dyn_args=Name(name='a', ctx='load'), dyn_kwargs=Name(name='b', ctx='load'))"
    ),
    ("1 + 2 * 3", "Add(left=Const(value=1), right=Mul(left=Const(value=2), right=Const(value=3)))"),
    ("9999999999999999999999", "Const(value=9999999999999999999999)"),
    (#""a\nb""#, #"Const(value='a\nb')"#),
  ])
  func printsAsPythonDoes(_ source: String, _ text: String) throws {
    let template = try Template(parsing: "{% if x %}{{ config(a=\(source)) }}{% endif %}", name: "t")
    let argument = try #require(template.firstCall(of: "config")?.named.first)
    #expect(argument.value.treeText == text)
    #expect(CallArguments.treeText(argument.name, argument.value) == "Keyword(key='a', value=\(text))")
  }

  @Test func findsTheFirstCallWhereverItStands() throws {
    let template = try Template(
      parsing: "{% set x = g(config(b=1)) %}{% for i in [1] %}{{ config(c=2) }}{% endfor %}", name: "t")
    #expect(template.firstCall(of: "config")?.named.map(\.name) == ["b"])
    #expect(try Template(parsing: "{{ a.config(b=1) }}", name: "t").firstCall(of: "config") == nil)
  }
}
