import { fuzzEveryRoute } from './harness/fuzz/fuzz-every-route.ts';

fuzzEveryRoute(100_000);
