import type { MembershipEventType, MembershipFacts } from './membership-event-types.ts';

/** What a change of a membership brings about outside of it. It is stored with the change, so that none is lost. */
export type Effect =
  | {
      readonly kind: 'publish';
      readonly type: MembershipEventType;
      /** Its number: with the membershipId it makes the id of the event. */
      readonly generation: number;
      readonly time: string;
      readonly facts: MembershipFacts;
    }
  /** Nobody may use the links of the purchase any more. */
  | {
      readonly kind: 'revoke_link';
      readonly requestId: string;
      readonly because: string;
      /** When it was decided: a purchase may get another link, which is revoked later. */
      readonly at: string;
    }
  /** The person has paid and is out: the purchase needs another link. */
  | { readonly kind: 'make_link'; readonly requestId: string; readonly generation: number }
  /** A removal that was asked for once, and of which nothing was heard, is asked for again. */
  | {
      readonly kind: 'ask_removal_again';
      /** When it was decided. */
      readonly at: string;
    }
  /** An account that is not to be inside any more, of somebody who came in by our link. */
  | {
      readonly kind: 'remove_account';
      readonly telegramUserId: string;
      readonly because: string;
      /** When it was decided. */
      readonly at: string;
    };
