import { AssembledProcess } from '../../deploy/docker/assembled-process.ts';
import { standAloneEnvironment, type EmulatorHosts } from '../../deploy/docker/stand-alone-environment.ts';
import { percentile } from '../statistics.ts';

const WARM_UP = 200;

export interface IntakeLatency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** From sending a purchase to the 202, which comes after Pub/Sub has it; `atOnce` callers send one after the other. */
export async function measureIntakeLatency(
  app: string,
  hosts: EmulatorHosts,
  { requests, atOnce }: { requests: number; atOnce: number },
): Promise<IntakeLatency> {
  const environment = standAloneEnvironment('intake-service', hosts);
  const running = await AssembledProcess.start({ service: 'intake-service', app, environment });
  try {
    const url = `${await running.url()}/v1/invite/request`;
    const headers = { 'content-type': 'application/json', 'x-api-key': environment['INTAKE_API_KEYS'] ?? '' };
    const send = async (number: number): Promise<number> => {
      const begin = performance.now();
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: JSON.stringify({ userId: `user-${number}`, transactionId: `t-${number}` }),
      });
      const text = await response.text();
      if (response.status !== 202) throw new Error(`Intake says ${response.status}: ${text}`);
      return performance.now() - begin;
    };
    const times: number[] = [];
    let next = 0;
    const call = async (): Promise<void> => {
      while (next < WARM_UP + requests) {
        next += 1;
        const number = next;
        const ms = await send(number);
        if (number > WARM_UP) times.push(ms);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, call));
    return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
  } finally {
    await running.stop();
  }
}
