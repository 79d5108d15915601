import {
  type Application,
  type Comment,
  type Context,
  Converter,
  type DeclarationReflection,
  LiteralType,
  ReferenceType,
  ReflectionKind,
  type SomeType,
  UnionType,
} from "typedoc";

/**
 * Where a comment says the code of an error, it is a link to what the code means; and there the name
 * of a class of errors is a link to that class.
 */
export function linkCodes(app: Application): void {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    const [table] = project
      .getReflectionsByKind(ReflectionKind.Interface)
      .filter(({ name }) => name === "ErrorCodes") as DeclarationReflection[];
    const codes = new Map(table?.children?.map((code) => [`\`${code.name}\``, code]));
    if (codes.size === 0) throw new Error("no codes of errors are documented");
    const classes = new Map(
      project.getReflectionsByKind(ReflectionKind.Class).map((each) => [each.name, each]),
    );
    const linked = (type: SomeType): SomeType => {
      if (type instanceof UnionType) return new UnionType(type.types.map(linked));
      const target = type instanceof LiteralType ? classes.get(String(type.value)) : undefined;
      return target ? ReferenceType.createResolvedReference(target.name, target, project) : type;
    };
    for (const code of codes.values()) if (code.type) code.type = linked(code.type);
    for (const reflection of Object.values(project.reflections)) {
      if (reflection.comment) link(reflection.comment, codes);
    }
  });
}

function link(comment: Comment, codes: ReadonlyMap<string, DeclarationReflection>): void {
  const lists = [comment.summary, ...comment.blockTags.map(({ content }) => content)];
  for (const parts of lists) {
    parts.forEach((part, at) => {
      const target = part.kind === "code" ? codes.get(part.text) : undefined;
      if (target) parts[at] = { kind: "inline-tag", tag: "@linkcode", text: target.name, target };
    });
  }
}
