/**
 * A client that is imported and made when it is first asked for, once. A process loads only the SDKs that it calls: each
 * takes some 300 ms and 40 MB.
 */
export class LazyClient<Client> {
  readonly #open: () => Promise<Client>;
  readonly #shut: (client: Client) => Promise<unknown>;
  #client: Promise<Client> | undefined;

  constructor(open: () => Promise<Client>, shut: (client: Client) => Promise<unknown>) {
    this.#open = open;
    this.#shut = shut;
  }

  get(): Promise<Client> {
    this.#client ??= this.#open();
    return this.#client;
  }

  /** Lets go of its connections, if it was ever made. */
  async close(): Promise<void> {
    if (this.#client !== undefined) await this.#shut(await this.#client);
  }
}
