/** Who takes part. The first is this project; the others are what a user would take instead. */
export const sideNames = ['ours', 'graphile-worker', 'pg-boss', 'BullMQ'] as const;

export type SideName = (typeof sideNames)[number];
export type PeerName = Exclude<SideName, 'ours'>;

export const peerNames = sideNames.filter((name) => name !== 'ours');

export interface SideKind {
  /** The program of the side, seen from this folder. */
  readonly module: string;
  readonly store: 'folder' | 'postgres' | 'redis';
}

export const sides: Readonly<Record<SideName, SideKind>> = {
  ours: { module: './side/ours.ts', store: 'folder' },
  'graphile-worker': { module: '../peers/graphile-worker.ts', store: 'postgres' },
  'pg-boss': { module: '../peers/pg-boss.ts', store: 'postgres' },
  BullMQ: { module: '../peers/bullmq.ts', store: 'redis' },
};
