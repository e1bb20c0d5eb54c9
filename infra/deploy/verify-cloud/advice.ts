import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import type { VerifyOptions } from './options.ts';

/** Commands to copy; what is not known stands in angle brackets. */
export class Advice {
  readonly #place: string;
  readonly #project: string;

  constructor({ project, region }: Pick<VerifyOptions, 'project' | 'region'>) {
    this.#project = `--project=${project ?? '<project>'}`;
    this.#place = `--region=${region ?? '<region>'} ${this.#project}`;
  }

  /** Answers of a service that are errors: of Cloud Run itself and of the service. */
  refusals(service: ServiceName): string {
    return `gcloud logging read 'resource.labels.service_name="${service}" AND httpRequest.status>=400' ${this.#project} --freshness=15m --limit=5 --format='value(timestamp,httpRequest.status,httpRequest.requestUrl)'`;
  }

  log(service: ServiceName): string {
    return `gcloud logging read 'resource.labels.service_name="${service}" AND severity>=WARNING' ${this.#project} --freshness=15m --limit=10`;
  }

  describe(service: ServiceName): string {
    return `gcloud run services describe ${service} ${this.#place}`;
  }

  queue(): string {
    return `gcloud tasks queues describe ${inviteQueue.name} ${this.#place.replace('--region', '--location')}`;
  }

  subscription(name: string): string {
    return `gcloud pubsub subscriptions describe ${name} ${this.#project}`;
  }
}
