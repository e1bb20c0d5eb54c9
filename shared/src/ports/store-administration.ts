export interface BackupMade {
  /** Absolute path on the machine of this process. */
  readonly file: string;
  readonly bytes: number;
}

/** What an operator may do with the store as a whole. */
export interface StoreAdministration {
  /**
   * A consistent copy of everything, of a moment during the call, while the system goes on. Without `file` it gets a name of its own in
   * the folder `backups` beside the data. Resolves when it is complete and on stable storage.
   * @throws PermanentError when there is such a file already, the path is not absolute, or the engine is not one that we copy: its message says how backups are made there.
   */
  backUp(file: string | undefined): Promise<BackupMade>;

  /**
   * Remembers, where a restore cannot lose it, that these requests are erased, so that whoever puts an older backup back is told who came
   * back with it. Holds no personal data. Nothing where the engine restores by its own means: there the log of erasures says it.
   * @throws RetryableError when it could not be written.
   */
  recordErasures(requestIds: readonly string[]): Promise<void>;
}
