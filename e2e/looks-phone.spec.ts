// Every page on a phone.
import { testLooks } from './looks.ts';

testLooks('phone');
