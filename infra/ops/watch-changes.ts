import { ApiError, type OpsApi } from './ops-api.ts';

export interface WatchedApi {
  readonly api: OpsApi;
  /**
   * Whether something was changed, is being changed, or may have been: a command that ends early then leaves its work
   * unfinished.
   */
  readonly mayHaveChanged: () => boolean;
}

/** Of the calls only these can change anything. */
function changes(path: string): boolean {
  return path !== '/requests/find';
}

export function watchChanges(api: OpsApi): WatchedApi {
  let changed = false;
  let underWay = 0;
  return {
    mayHaveChanged: () => changed || underWay > 0,
    api: {
      get: (path, query) => api.get(path, query),
      post: async <T extends object>(path: string, body?: object): Promise<T> => {
        if (!changes(path)) return api.post<T>(path, body);
        underWay += 1;
        try {
          const answer = await api.post<T>(path, body);
          changed = true;
          return answer;
        } catch (error) {
          if (error instanceof ApiError && error.isOpen) changed = true;
          throw error;
        } finally {
          underWay -= 1;
        }
      },
    },
  };
}
