/**
 * The reader of an archive acknowledges at once what it has pulled. By itself, so that the infrastructure program loads
 * nothing with it.
 */
export const ARCHIVE_ACK_DEADLINE_SECONDS = 60;
