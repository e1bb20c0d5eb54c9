export interface ExampleCall {
  /** Of the endpoint. */
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  /** What the description says that the answer is. */
  readonly status: number;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly withoutKey?: true;
  /** Its answer is another one each time: it is held against the schema, and not shown. */
  readonly varies?: true;
  /** It waits for other services. */
  readonly waits?: true;
}
