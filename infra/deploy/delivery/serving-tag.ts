/**
 * An image with a tag of this prefix serves somewhere: the registry's clean-up keeps it, however old it is. The rest is
 * the project.
 */
export const SERVING_TAG_PREFIX = 'serving-';
