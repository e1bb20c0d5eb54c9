import { documentStoreContract } from '../../testing/contracts/document-store.contract.ts';
import { embeddedHarness } from './testing-support.ts';

documentStoreContract(embeddedHarness);
