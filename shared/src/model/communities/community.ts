/** The community of what names none: there was only one when documents and events did not say which. */
export const DEFAULT_COMMUNITY = 'default';
