import { Type } from 'typebox';

/** Input fields of whatever answers in pages. */
export const pageFields = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: 'entries in a page, 50 by default' })),
  cursor: Type.Optional(Type.String({ minLength: 1, description: '`nextCursor` of the page before' })),
};
