/** What a child process gets of our own environment: where programs are, and the folder of compiled code if there is one. */
export function inheritedVariables(): Record<string, string | undefined> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  return { PATH, NODE_COMPILE_CACHE };
}
