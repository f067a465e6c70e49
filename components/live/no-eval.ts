// Keeps zod from compiling its parsers: its mere probe for eval would be reported as a breach of the page's content policy. Imported before any schema.
import { z } from 'zod';

z.config({ jitless: true });
