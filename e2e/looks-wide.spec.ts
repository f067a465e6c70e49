// Every page on a wide window.
import { testLooks } from './looks.ts';

testLooks('wide');
