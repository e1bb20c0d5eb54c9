import ts from 'typescript';

/** Documents, and the states of one, that only transitions of shared/src/model make. A union stands for its members. */
const madeByModel = [
  'InviteRequest',
  'InviteRequestDocument',
  'InviteLink',
  'Community',
  'CommunityChatClaim',
  'ChatCandidate',
  'ConnectionCode',
  'ChatStanding',
  'NamedLink',
  'PoolLink',
  'LinkPool',
  'Join',
  'UnmatchedJoin',
  'StoredGrant',
  'Emission',
  'DeadLetter',
  'Plan',
];

const ANYTHING = ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive | ts.TypeFlags.TypeParameter;

/** Types by program: an editor makes a new program at each change. */
const madeTypes = new WeakMap();

/** Refuses an object literal that is one of these types, by what is wanted where it stands or else by its own fields. */
export const madeElsewhere = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { literal: '{{ name }} is made by a transition of shared/src/model, not by a literal.' },
  },
  create(context) {
    const { program, esTreeNodeToTSNodeMap } = context.sourceCode.parserServices;
    const checker = program.getTypeChecker();
    if (!madeTypes.has(program)) madeTypes.set(program, typesOf(program, checker));
    const types = madeTypes.get(program);
    return {
      ObjectExpression(node) {
        const literal = esTreeNodeToTSNodeMap.get(node);
        const wanted = checker.getContextualType(literal);
        const isFree = wanted === undefined || (wanted.flags & ANYTHING) !== 0;
        const isMade = isFree
          ? (type) => checker.isTypeAssignableTo(checker.getTypeAtLocation(literal), type)
          : (type) => membersOf(wanted).some((member) => membersOf(type).includes(member));
        const name = Object.keys(types).find((each) => isMade(types[each]));
        if (name !== undefined) context.report({ node, messageId: 'literal', data: { name } });
      },
    };
  },
};

function typesOf(program, checker) {
  const exported = program
    .getSourceFiles()
    .filter(({ fileName }) => fileName.includes('/shared/src/model/'))
    .flatMap((file) => checker.getExportsOfModule(checker.getSymbolAtLocation(file)));
  return Object.fromEntries(
    madeByModel.map((name) => {
      const symbol = exported.find((each) => each.name === name);
      if (symbol === undefined) throw new Error(`The model exports no ${name}`);
      return [name, checker.getDeclaredTypeOfSymbol(symbol)];
    }),
  );
}

function membersOf(type) {
  if (type.isUnion()) return type.types.flatMap(membersOf);
  // NoInfer<T>
  return (type.flags & ts.TypeFlags.Substitution) === 0 ? [type] : membersOf(type.baseType);
}
