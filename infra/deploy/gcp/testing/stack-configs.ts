import * as pulumi from '@pulumi/pulumi';
import { SERVICES } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { readStackConfig, type StackConfig } from '../config.ts';

export const IMAGES = Object.fromEntries(
  SERVICES.map((service, index) => [
    service,
    `asia-south1-docker.pkg.dev/project-staging/paid-community/${service}@sha256:${String(index).repeat(64)}`,
  ]),
) as Record<ServiceName, string>;

/** The least that a stack must set, and everything else that changes what is declared. */
export const REQUIRED: Readonly<Record<string, string>> = {
  'gcp:project': 'project-staging',
  'paid-community:projectNumber': '123456789012',
  'paid-community:alertEmails': 'alice@example.com, bob@example.com',
  'paid-community:billingAccount': '01AB23-CD45EF-6789AB',
  'paid-community:TELEGRAM_CHAT_ID': '-1001234567890',
  'paid-community:WEBENGAGE_LICENSE_CODE': 'abc123',
};

/** As after the second `up`: the images are there. */
export const WHOLE: Readonly<Record<string, string>> = {
  ...REQUIRED,
  'paid-community:images': JSON.stringify(IMAGES),
  'paid-community:cloudBuild': 'true',
  'paid-community:githubRepository': 'owner/repository',
  'paid-community:imageReaders': JSON.stringify({ 'project-production': '210987654321' }),
};

/** Reads settings as the program does. An empty text takes one away. */
export function stackConfig(
  settings: Readonly<Record<string, string>> = WHOLE,
  stack = 'staging',
  folder?: string,
): StackConfig {
  const present = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ''));
  void pulumi.runtime.setMocks(
    { newResource: () => ({ id: undefined, state: {} }), call: () => ({}) },
    'paid-community',
    stack,
  );
  pulumi.runtime.setAllConfig(present);
  return folder === undefined ? readStackConfig() : readStackConfig(folder);
}
