/** Each is an image, a process and a Cloud Run service of that name. */
export type ServiceName = 'intake-service' | 'link-worker' | 'join-tracker' | 'event-emitter';
