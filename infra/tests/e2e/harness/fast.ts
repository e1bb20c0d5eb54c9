/** As fast as the machine is: what slows the system down is a test's own choice. */
export const FAST = {
  TASKS_MAX_DISPATCHES_PER_SECOND: '1000',
  TASKS_MAX_CONCURRENT_DISPATCHES: '20',
  SAFE_RPS_SLEEP_MS: '0',
  BASE_BACKOFF_SEC: '0.2',
  WEBENGAGE_EVENTS_PER_MINUTE: '1000000',
  // A test that runs at ten minutes past the hour does what it does at nine.
  HEALTH_CHECK_MINUTES: '0',
  LINK_POOL_TICK_SECONDS: '0',
  MEMBERSHIP_TICK_SECONDS: '0',
};
