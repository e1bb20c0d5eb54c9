import { embeddedHarness } from '@paid-community/shared/platform/backends/embedded/testing/embedded-for-test.ts';
import { takeLinkContract } from './testing/take-link.contract.ts';

takeLinkContract(embeddedHarness);
