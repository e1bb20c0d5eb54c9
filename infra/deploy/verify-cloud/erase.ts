import type { CallIntake } from './intake.ts';
import { StepFailed } from './step-failed.ts';

export interface TestPerson {
  readonly intake: CallIntake;
  readonly operatorKey: string;
  readonly userId: string;
  readonly requestId: string;
}

interface Page {
  readonly erased: Readonly<Record<string, number>>;
  readonly nextCursor?: string;
  readonly kept?: { readonly until: string };
}

/** As `npm run ops -- erase` does, and says what no call of ours can take back. @throws StepFailed */
export async function erase(
  { intake, operatorKey, userId, requestId }: TestPerson,
  say: (line: string) => void,
): Promise<void> {
  const again = `npm run ops -- erase --user ${userId}`;
  let cursor: string | undefined;
  let until: string | undefined;
  let count = 0;
  let requests = 0;
  do {
    const { status, body } = await intake('/v1/ops/erase', {
      key: operatorKey,
      body: { userId, cursor },
    });
    if (status !== 200) throw new StepFailed(`${userId} was not erased: the answer is ${status}`, [again]);
    const page = body as unknown as Page;
    count += Object.values(page.erased).reduce((sum, each) => sum + each, 0);
    requests += page.erased['requests'] ?? 0;
    until = [until, page.kept?.until]
      .filter((each) => each !== undefined)
      .toSorted()
      .at(-1);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  say(`  ${userId} is erased: ${count} documents and messages`);
  if (until !== undefined) say(`  Pub/Sub keeps copies of its messages until ${until}; they do nothing`);
  say(
    `  what no call of this system takes back, if it got that far: in Telegram, among the invite links of the bot, the one named ${requestId.replaceAll('-', '')},`,
  );
  say(`  for one person, which nobody was sent (revoke it there); in WebEngage, the user ${userId} with one event`);
  if (requests === 0)
    say(
      `  the purchase was not recorded yet: when what stopped it is mended, it gets through, so then once more: ${again}`,
    );
}
