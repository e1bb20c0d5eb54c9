/** How a caller proves who it is; openapi.json says it in these words. */
export interface Security {
  /** Name of the scheme. */
  readonly name: string;
  readonly description: string;
  /** `key`: as a bearer token or as X-Api-Key. Anything else is the header that holds the secret. */
  readonly sentAs: 'key' | `X-${string}`;
  /** Anybody may call where no key is set. */
  readonly optional?: true;
}
