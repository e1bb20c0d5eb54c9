import { nearest } from '../../ops/command-line/nearest.ts';

/** Nobody else is likely to use a name that begins like this. */
const OURS =
  /^(TELEGRAM|WEBENGAGE|INTAKE|OPERATOR|METRICS_API|LINK|TASKS|SIMULATOR|STORE_OWNER|SAFE_RPS|HEALTH_CHECK)_/;

/**
 * Kubernetes sets such variables in every container for each service beside it, which may well be called link-worker.
 */
const OF_KUBERNETES = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/** In an environment of which most is not for us, only a slip of the pen counts. */
const SLIP_EDITS = 2;
const SLIP_CHARACTERS = 8;

export interface Named {
  /** Everything in the file is meant for us. */
  readonly inFile: readonly string[];
  readonly inEnvironment: readonly string[];
}

/** A sentence for each variable that somebody has set for us and nothing reads. */
export function unknownVariables({ inFile, inEnvironment }: Named, known: readonly string[]): readonly string[] {
  const isKnown = (name: string): boolean => known.includes(name) || name.startsWith('NODE_');
  const ofFile = inFile
    .filter((name) => !isKnown(name))
    .map((name) => describe(`${name} in .env`, probablyMeant(name, known)));
  const ofEnvironment = inEnvironment
    .filter((name) => !isKnown(name) && !inFile.includes(name) && !OF_KUBERNETES.test(name))
    .flatMap((name) => {
      if (OURS.test(name)) return [describe(name, probablyMeant(name, known))];
      const meant = name.length < SLIP_CHARACTERS ? undefined : nearest(name.toUpperCase(), known, SLIP_EDITS);
      return meant === undefined ? [] : [describe(name, meant)];
    });
  return [...ofFile, ...ofEnvironment];
}

function describe(variable: string, meant: string | undefined): string {
  return meant === undefined
    ? `unknown variable ${variable}: nothing reads it`
    : `unknown variable ${variable}: did you mean ${meant}?`;
}

function probablyMeant(name: string, known: readonly string[]): string | undefined {
  const given = name.toUpperCase();
  const endings = known.filter((candidate) => candidate.endsWith(`_${given}`));
  return nearest(given, known) ?? (endings.length === 1 ? endings[0] : undefined);
}
