import { Type } from 'typebox';
import { healthChecks } from '../topics.ts';
import { defineEvent } from '../../platform/delivery/define-event.ts';

/** Somebody wants to know how the services and the outside are. */
export const HealthCheckRequested = defineEvent({
  type: 'HealthCheckRequested',
  idSuffix: 'health-check-requested',
  subjectOf: ({ checkId }) => checkId,
  source: 'paid-community',
  topic: healthChecks,
  data: Type.Object({
    checkId: Type.String({ minLength: 1, maxLength: 100 }),
    askedBy: Type.String(),
    fix: Type.Optional(Type.Boolean()),
    chatId: Type.Optional(Type.String()),
  }),
});
