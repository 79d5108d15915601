import {
  type CommentDisplayPart,
  type DeclarationReflection,
  type ProjectReflection,
  ReflectionKind,
  type SignatureReflection,
} from "typedoc";

/** Words in code that are nobody's exports: of Azure, of Delta and of JavaScript. */
const WORDS_OF_OTHERS = [
  "AzureCli",
  "ServicePrincipal",
  "engineInfo",
  "operationMetrics",
  "operationParameters",
  "toSorted",
];

/** Danfo's own documents tell of what it has. */
const NOT_OURS = "notelake/danfo";

const SAYS_WHAT_IT_IS =
  ReflectionKind.Function |
  ReflectionKind.Class |
  ReflectionKind.Interface |
  ReflectionKind.TypeAlias |
  ReflectionKind.Variable |
  ReflectionKind.Method;

/**
 * What the comments of public things lack, a line for each: what a thing is, an example and each
 * parameter of a function. Names in code have to be ones that a reader can reach.
 */
export function lacking(project: ProjectReflection): string[] {
  const lines: string[] = [];
  const names = new Set(Object.values(project.reflections).map(({ name }) => name));
  for (const word of WORDS_OF_OTHERS) names.add(word);
  for (const module of project.children ?? []) {
    if (module.name === NOT_OURS) continue;
    for (const one of module.children ?? []) {
      lines.push(...lackingOf(one, one.kindOf(ReflectionKind.Function)));
      for (const member of one.children ?? []) lines.push(...lackingOf(member, false));
    }
  }
  for (const reflection of Object.values(project.reflections)) {
    const path = reflection.getFullName();
    if (!reflection.comment || path.startsWith(NOT_OURS)) continue;
    const { summary, blockTags } = reflection.comment;
    const told = blockTags.filter(({ tag }) => tag !== "@example");
    for (const part of [...summary, ...told.flatMap(({ content }) => content)]) {
      const name = identifierIn(part);
      if (name && !names.has(name)) lines.push(`${path} speaks of ${name}, which nobody can reach`);
    }
  }
  return lines;
}

function lackingOf(one: DeclarationReflection, wantsAll: boolean): string[] {
  if (!one.kindOf(SAYS_WHAT_IT_IS) || one.flags.isInherited || one.overwrites) return [];
  const path = one.getFullName();
  const signature: SignatureReflection | undefined = one.signatures?.[0];
  const comments = [one.comment, signature?.comment, callable(one)?.comment].filter(
    (comment) => comment !== undefined,
  );
  const lines: string[] = [];
  if (!comments.some((comment) => comment.hasVisibleComponent())) {
    lines.push(`${path} does not say what it is`);
  }
  if (!wantsAll) return lines;
  if (!comments.some((comment) => comment.getTag("@example"))) {
    lines.push(`${path} has no example`);
  }
  for (const parameter of signature?.parameters ?? []) {
    if (!parameter.comment) lines.push(`${path} does not say what ${parameter.name} is`);
  }
  return lines;
}

/** The signature of a property that is a function. */
function callable({ type }: DeclarationReflection): SignatureReflection | undefined {
  return type?.visit({ reflection: ({ declaration }) => declaration.signatures?.[0] });
}

/** `writeTable` of a comment: a name in camel case, which tells it from the words of other languages. */
function identifierIn({ kind, text }: CommentDisplayPart): string | undefined {
  if (kind !== "code") return undefined;
  return /^`([A-Za-z]\w*[a-z][A-Z]\w*)(\(.*\))?`$/.exec(text)?.[1];
}
