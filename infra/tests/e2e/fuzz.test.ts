import { fuzzEveryRoute } from './harness/fuzz/fuzz-every-route.ts';

// A sample; fuzz.faults.ts has a hundred thousand.
fuzzEveryRoute(4_000);
