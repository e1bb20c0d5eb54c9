/** A link made by hand, as the API tells it. */
export interface Link {
  readonly state: string;
  readonly inviteLink?: string;
  readonly name: string;
  readonly botId: string;
  readonly memberLimit?: number;
  readonly expiresAt?: string;
  readonly madeBy: string;
  readonly askedAt: string;
  readonly revokedAt?: string;
  readonly revokedBy?: string;
}
