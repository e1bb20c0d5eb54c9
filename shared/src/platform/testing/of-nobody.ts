/** What a collection of a test declares where nobody asks who writes it, and whom it is about. */
export const ofNobody = {
  owner: 'a test',
  operatorWrites: false,
  keyedBy: 'anything',
  personalFields: {},
  onErasure: 'delete',
} as const;
