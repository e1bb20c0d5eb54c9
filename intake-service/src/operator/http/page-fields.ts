import { Timestamp } from '@paid-community/shared/platform/delivery/define-event.ts';
import { Type } from 'typebox';

/** Input fields of an operation that answers in pages. */
export const pageFields = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: 'entries in a page, 50 by default' })),
  cursor: Type.Optional(Type.String({ minLength: 1, description: '`nextCursor` of the page before' })),
};

/** Input fields of an operation over a range of time. */
export const timeFields = {
  since: Type.Optional(
    Type.String({ ...Timestamp, description: 'a time of ISO 8601 in UTC with milliseconds: only from it on' }),
  ),
  until: Type.Optional(
    Type.String({ ...Timestamp, description: 'a time of ISO 8601 in UTC with milliseconds: only before it' }),
  ),
};
