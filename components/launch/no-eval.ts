// Keeps zod from compiling its parsers: even its probe for eval would be reported as a violation of the content policy. Imported before any schema.
import { z } from 'zod';

z.config({ jitless: true });
