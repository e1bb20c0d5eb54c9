import ts from 'typescript';

/**
 * The methods that a source calls on the client that `….call(what, (client) => …)` hands it: on the client itself, and
 * on what is made of it without waiting for an answer (a query, say).
 */
export function clientCallsIn(source: string): ReadonlySet<string> {
  const found = new Set<string>();
  each(parse(source), (node) => {
    if (
      !ts.isCallExpression(node) ||
      !ts.isPropertyAccessExpression(node.expression) ||
      !/^#?call$/.test(node.expression.name.text)
    )
      return;
    for (const argument of node.arguments)
      if (ts.isArrowFunction(argument)) for (const method of methodsOn(argument)) found.add(method);
  });
  return found;
}

function methodsOn(handler: ts.ArrowFunction): ReadonlySet<string> {
  const clients = new Set(handler.parameters.flatMap(({ name }) => namesIn(name)));
  const methods = new Set<string>();
  each(handler.body, (node) => {
    if (
      ts.isVariableDeclaration(node) &&
      node.initializer !== undefined &&
      !ts.isAwaitExpression(node.initializer) &&
      mentions(node.initializer, clients)
    ) {
      for (const name of namesIn(node.name)) clients.add(name);
    }
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      mentions(node.expression.expression, clients)
    )
      methods.add(node.expression.name.text);
  });
  return methods;
}

/**
 * The command lines that a source runs, up to their first option or value: by a function of the tool's name, or as
 * `run('gcloud', […])`.
 */
export function commandsIn(source: string, tools: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  each(parse(source), (node) => {
    if (!ts.isCallExpression(node)) return;
    const [first, second] = node.arguments;
    if (ts.isIdentifier(node.expression) && tools.includes(node.expression.text))
      found.add([node.expression.text, ...wordsOf(node.arguments)].join(' '));
    else if (
      first !== undefined &&
      ts.isStringLiteral(first) &&
      tools.includes(first.text) &&
      second !== undefined &&
      ts.isArrayLiteralExpression(second)
    ) {
      const words = wordsOf(second.elements);
      // A call that hands its arguments on has no words of its own.
      if (words.length > 0) found.add([first.text, ...words].join(' '));
    }
  });
  return found;
}

function wordsOf(values: Iterable<ts.Expression>): readonly string[] {
  const words: string[] = [];
  for (const value of values) {
    if (!ts.isStringLiteral(value) || value.text.startsWith('-')) break;
    words.push(value.text);
  }
  return words;
}

function mentions(node: ts.Node, names: ReadonlySet<string>): boolean {
  if (ts.isIdentifier(node) && names.has(node.text)) return true;
  // What was waited for is an answer, and nobody is asked for more by looking at it.
  return !ts.isAwaitExpression(node) && ts.forEachChild(node, (child) => mentions(child, names)) === true;
}

function namesIn(name: ts.BindingName): readonly string[] {
  return ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : []));
}

function each(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => each(child, visit));
}

function parse(source: string): ts.SourceFile {
  return ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
}
