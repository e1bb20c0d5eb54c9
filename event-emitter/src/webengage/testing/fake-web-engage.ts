import type { WebEngageAnswer } from '../answer.ts';
import type { WebEngageClient, WebEngageEvent, WebEngageUser } from '../client.ts';

/** Takes every event, unless told otherwise. */
export class FakeWebEngage implements WebEngageClient {
  readonly apiRoot = 'https://api.webengage.example';
  readonly sent: WebEngageEvent[] = [];
  readonly users: WebEngageUser[] = [];
  failNext: Error | undefined;
  failNextUser: Error | undefined;

  async send(event: WebEngageEvent): Promise<WebEngageAnswer> {
    await Promise.resolve();
    this.sent.push(event);
    const failure = this.failNext;
    this.failNext = undefined;
    if (failure !== undefined) throw failure;
    return { status: 201, body: '{"response":{"status":"queued"}}' };
  }

  async setAttributes(user: WebEngageUser): Promise<void> {
    await Promise.resolve();
    this.users.push(user);
    const failure = this.failNextUser;
    this.failNextUser = undefined;
    if (failure !== undefined) throw failure;
  }

  probe(): ReturnType<WebEngageClient['probe']> {
    return Promise.resolve({ status: 400, body: '', serverTimeMs: undefined });
  }

  close(): void {
    this.sent.length = 0;
  }
}
