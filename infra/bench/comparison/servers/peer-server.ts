/** The server that a peer keeps its jobs in. */
export interface PeerServer {
  readonly connection: string;
  readonly dataFolder: string;
  /** Of its first process; PostgreSQL has more. */
  readonly pid: number;
  /** Stops it with everything written, and starts it on the same data. */
  restart(whileDown?: () => void): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}
