import type { Community } from '@paid-community/shared/model/communities/community.ts';
import { applied, appliedSettings, settingsText } from '@paid-community/shared/model/memberships/applied-settings.ts';
import { memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { openGuard, removalGuards } from '@paid-community/shared/model/memberships/removal-guard.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';
import { stepMany } from './step-many.ts';

const CHUNK = 50;
/** More than clocks of machines differ by. */
const SET_BACK_MS = 600_000;
/** Another process may go by the settings as they were for some seconds. */
const KNOWN_EVERYWHERE_MS = 30_000;

/**
 * Has all memberships of a community follow its settings, when these are others than before: who would have been
 * removed, and is to be now; who was kept until another day. Does the same when the clock was ahead. Remembers what
 * follows them, so that a tick costs nothing for it.
 */
export class SettingsWalk {
  readonly #work: MembershipWork;
  readonly #done = new Map<string, string>();
  #latestMs = 0;

  constructor(work: MembershipWork) {
    this.#work = work;
  }

  /**
   * The communities whose memberships follow their settings. A walk that the end of the time stops goes on with the next
   * tick.
   * @throws RetryableError
   */
  async run(isTimeUp: () => boolean): Promise<ReadonlySet<string>> {
    const follow = new Set<string>();
    const nowMs = this.#work.clock.now();
    if (nowMs < this.#latestMs - SET_BACK_MS) await this.#startAgain();
    this.#latestMs = nowMs;
    for (const community of await this.#work.communities.all()) {
      const { communityId } = community;
      const settings = settingsText(community);
      if (this.#done.get(communityId) !== settings && !(await this.#walk(community, settings, isTimeUp))) continue;
      this.#done.set(communityId, settings);
      follow.add(communityId);
    }
    return follow;
  }

  async #walk({ communityId, updatedAt }: Community, settings: string, isTimeUp: () => boolean): Promise<boolean> {
    const { store, clock } = this.#work;
    const guard = (await store.get(removalGuards, communityId))?.data;
    if (guard !== undefined && Date.parse(guard.updatedAt) > clock.now() + SET_BACK_MS)
      await this.#beginAgain(communityId);
    const known = (await store.get(appliedSettings, communityId))?.data;
    const isKnown = known?.settings === settings;
    if (isKnown && known.walkedTo === undefined) return true;
    if (known !== undefined && clock.now() - Date.parse(updatedAt) < KNOWN_EVERYWHERE_MS) return false;
    let walkedTo = isKnown ? known.walkedTo : undefined;
    while (!isTimeUp()) {
      const { documents } = await store.query({
        collection: memberships,
        where: { communityId },
        orderBy: { field: 'membershipId', direction: 'ascending', from: walkedTo },
        limit: CHUNK,
      });
      await stepMany(documents, () => true, this.#work);
      const last = documents.at(-1)?.id;
      if (documents.length < CHUNK || last === walkedTo) {
        await changeDocument(store, appliedSettings, communityId, () =>
          applied(communityId, settings, undefined, clock.now()),
        );
        return true;
      }
      walkedTo = last;
    }
    await changeDocument(store, appliedSettings, communityId, () =>
      applied(communityId, settings, walkedTo ?? '', clock.now()),
    );
    return false;
  }

  /** The clock was ahead: what it has ended may not be over. */
  async #startAgain(): Promise<void> {
    this.#work.log.warn({}, 'the clock was set back: all memberships are looked at again');
    this.#done.clear();
    for (const { communityId } of await this.#work.communities.all()) await this.#beginAgain(communityId);
  }

  /** Whoever is still due after the walk counts anew. */
  async #beginAgain(communityId: string): Promise<void> {
    const { store, clock } = this.#work;
    await changeDocument(store, appliedSettings, communityId, (known) =>
      known === undefined ? undefined : applied(communityId, known.settings, '', clock.now()),
    );
    await changeDocument(store, removalGuards, communityId, (known) =>
      known === undefined ? undefined : openGuard(communityId, clock.now()),
    );
  }
}
