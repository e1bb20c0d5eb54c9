import { spawn } from 'node:child_process';

// Runs npm scripts side by side and prints what each has said, whole, when it ends. Fails when one of them fails.
// Usage: node infra/tests/side-by-side.ts SCRIPT…

const failed: string[] = [];

async function run(script: string): Promise<void> {
  const startedAt = performance.now();
  const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  process.stdout.write(`${said}${script}: ${code === 0 ? 'good' : 'FAILED'}, ${seconds} s\n`);
  if (code !== 0) failed.push(script);
}

const scripts = process.argv.slice(2);
await Promise.all(scripts.map(run));
if (scripts.length === 0 || failed.length > 0) process.exitCode = 1;
