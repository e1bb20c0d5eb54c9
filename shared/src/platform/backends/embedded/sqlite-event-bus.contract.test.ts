import { eventBusContract } from '../../testing/contracts/event-bus.contract.ts';
import { embeddedHarness } from './testing/embedded-for-test.ts';

eventBusContract(embeddedHarness);
