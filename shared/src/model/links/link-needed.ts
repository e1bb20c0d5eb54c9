import { Type } from 'typebox';
import { defineEvent } from '../../platform/delivery/define-event.ts';
import { purchaseEvents } from '../topics.ts';

/** Somebody who has paid is out, and needs another link of the purchase. `number` tells one such moment from another. */
export const LinkNeeded = defineEvent({
  type: 'LinkNeeded',
  idSuffix: 'link-needed',
  subjectOf: ({ requestId, number }) => `${requestId}.${String(number)}`,
  source: 'join-tracker',
  topic: purchaseEvents,
  data: Type.Object({
    requestId: Type.String({ minLength: 1 }),
    communityId: Type.String({ minLength: 1 }),
    number: Type.Integer({ minimum: 0 }),
  }),
});
