import { casesRequirements } from './cases';
import { errorRequirements } from './errors';
import { feedRequirements } from './feed';
import { messageRequirements } from './messages';
import type { ContactCenterUnderTest, Suite } from './suite';

import { conformanceTitle, type Against } from './page';

export type { AgentView, ContactCenterUnderTest } from './suite';

/**
 * What every contact center promises, as numbered requirements. A connector's test runs it against the real product
 * or its simulator. `docs/connectors.md` is written from the results.
 *
 * @param name as people call the contact center
 * @param setup makes the contact center ready, once for all requirements
 * @param exceptions requirements that this vendor cannot hold, by number, and why: they are shown as skipped
 */
export function contactCenterConformance(
  name: string,
  against: Against,
  setup: () => Promise<ContactCenterUnderTest>,
  exceptions: Record<number, string> = {},
): void {
  describe(conformanceTitle(name, against), () => {
    let current: ContactCenterUnderTest | undefined;
    beforeAll(async () => {
      current = await setup();
    });
    afterEach(() => current?.reset?.());
    afterAll(() => current?.stop());

    const suite: Suite = {
      underTest() {
        if (!current) throw new Error('a requirement runs only after the setup');
        return current;
      },
      requirement(number, promise, check) {
        const reason = exceptions[number];
        if (reason === undefined) test(`${number}. ${promise}`, check);
        else test.skip(`${number}. ${promise} (${reason})`, check);
      },
    };
    casesRequirements(suite);
    messageRequirements(suite);
    feedRequirements(suite);
    errorRequirements(suite);
  });
}
