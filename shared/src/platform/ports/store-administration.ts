export interface BackupMade {
  /** Absolute path on the machine of this process. */
  readonly file: string;
  readonly bytes: number;
}

/** What an operator may do with the store as a whole. */
export interface StoreAdministration {
  /**
   * A consistent copy of everything, of a moment during the call, while the system goes on. Without `file` it gets a
   * name of its own in the folder `backups` beside the data. Resolves when it is complete and on stable storage.
   * The folder of `file` must exist, and nothing is written over.
   * @throws PermanentError when the path is not usable, or the engine is not one that we copy: its message says how
   * backups are made there.
   * @throws ConflictError while another backup is being made.
   * @throws RetryableError when the disk did not take it, or the copy is not whole.
   */
  backUp(file: string | undefined): Promise<BackupMade>;

  /**
   * Remembers, in a place that no restore overwrites, that these requests are erased. So a restore of an older backup
   * can name the requests that came back with it. Holds no personal data. Does nothing where the engine restores by its
   * own means: there the log of erasures says it.
   * @throws RetryableError when it could not be written.
   */
  recordErasures(requestIds: readonly string[]): Promise<void>;
  /**
   * When it resolves, no byte of what was deleted or emptied before is left in the files of the running store. May be
   * called again, and must be, when it did not resolve. Where the engine is not ours, it resolves at once: the engine's
   * own rules say when freed storage is overwritten.
   * @throws RetryableError when the disk did not take it.
   */
  overwriteErased(): Promise<void>;
}
