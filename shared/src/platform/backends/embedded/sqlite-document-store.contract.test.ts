import { documentStoreContract } from '../../testing/contracts/document-store.contract.ts';
import { embeddedHarness } from './testing/embedded-for-test.ts';

documentStoreContract(embeddedHarness);
