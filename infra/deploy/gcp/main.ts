import './workspace-packages.ts';
import { log } from '@pulumi/pulumi';

const NO_IMAGES =
  'The setting images is absent: everything is made but the services and their subscriptions. Build and push the images, set it, and run this once more.';

/** What `pulumi up` and `pulumi preview` run. Returns what `pulumi stack output` shows. */
export default async function main(): Promise<Record<string, unknown>> {
  const { readStackConfig } = await import('./config.ts');
  const { declareSystem } = await import('./program.ts');
  const config = readStackConfig();
  if (config.values.images === undefined) await log.warn(NO_IMAGES);
  return declareSystem(config);
}
