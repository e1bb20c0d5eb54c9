import { Copy, DockerfileParser, type Instruction } from 'dockerfile-ast';

/** One instruction of a Dockerfile: `COPY --from=assembled /app /app` is COPY, { from: 'assembled' }, and two words. */
export interface Step {
  readonly keyword: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  /** All that follows keyword and flags, for what is written as JSON. */
  readonly text: string;
}

export interface Stage {
  readonly name: string | undefined;
  /** An image of a registry, or a stage before. */
  readonly from: string;
  readonly steps: readonly Step[];
}

/** The stages of a Dockerfile, in order. @throws when something stands before the first FROM. */
export function readStages(dockerfile: string): readonly Stage[] {
  const stages: { name: string | undefined; from: string; steps: Step[] }[] = [];
  for (const step of DockerfileParser.parse(dockerfile).getInstructions().map(toStep)) {
    if (step.keyword === 'FROM') {
      const [from = '', as, name] = step.words;
      stages.push({ name: as?.toUpperCase() === 'AS' ? name : undefined, from, steps: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`${step.keyword} stands before the first FROM`);
    stage.steps.push(step);
  }
  return stages;
}

function toStep(instruction: Instruction): Step {
  const flags = instruction instanceof Copy ? instruction.getFlags() : [];
  return {
    keyword: instruction.getKeyword(),
    flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ''])),
    words: instruction.getArguments().map((argument) => argument.getValue()),
    text: instruction.getRawArgumentsContent() ?? '',
  };
}
