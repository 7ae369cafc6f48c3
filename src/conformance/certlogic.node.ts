import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { compileLogic, LogicError, LogicFault, validateLogic } from '../judge/certlogic.ts';
import { agree, type CaseResult, differ, notApplicable, type Outcome, type Suite } from './suite.ts';

interface Marked {
  readonly directive?: 'skip' | 'only';
}
interface Assertion extends Marked {
  readonly certLogicExpression?: unknown;
  readonly data: unknown;
  readonly expected: unknown;
  readonly message?: string;
}
interface EvaluationSuite extends Marked {
  readonly cases: readonly (Marked & {
    readonly name: string;
    readonly certLogicExpression?: unknown;
    readonly assertions: readonly Assertion[];
  })[];
}
interface Issue {
  readonly expr: unknown;
  readonly message: string;
}
interface ValidationSuite extends Marked {
  readonly cases: readonly (Marked & {
    readonly certLogicExpression: unknown;
    readonly issues: readonly Issue[];
  })[];
}

const SKIPPED: Outcome = notApplicable('the suite itself marks it as skipped');

/** The specification's own suites: what expressions evaluate to, and what is wrong with invalid ones. Each assertion is a case. */
export const certlogic: Suite = {
  name: 'certlogic',
  summary:
    "CertLogic 的求值和校验套件：表达式的值，不合法表达式的错误 · CertLogic's evaluation and validation suites: values of expressions, faults of invalid ones",
  async run(dir, report, progress) {
    const evaluation = await filesOf(dir, 'testSuite');
    const validation = await filesOf(dir, 'validation-testSuite');
    const total = evaluation.length + validation.length;
    if (total === 0)
      throw new Error(`${dir}: no suites (testSuite/*.json, validation-testSuite/*.json) in this folder`);
    let done = 0;
    for (const file of evaluation) {
      for (const each of evaluationCases(file, (await readJson(dir, file)) as EvaluationSuite)) report(each);
      progress?.(++done, total);
    }
    for (const file of validation) {
      for (const each of validationCases(file, (await readJson(dir, file)) as ValidationSuite)) report(each);
      progress?.(++done, total);
    }
  },
};

async function filesOf(dir: string, folder: string): Promise<string[]> {
  const files = await readdir(join(dir, folder)).catch(() => []);
  return files
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => `${folder}/${file}`);
}

const readJson = async (dir: string, file: string): Promise<unknown> =>
  JSON.parse(await readFile(join(dir, file), 'utf8'));

function* evaluationCases(file: string, suite: EvaluationSuite): Generator<CaseResult> {
  for (const each of suite.cases) {
    for (const [i, assertion] of each.assertions.entries()) {
      const name = `${file}: ${each.name}: ${assertion.message ?? `#${i + 1}`}`;
      const expression = assertion.certLogicExpression ?? each.certLogicExpression;
      const skipped = [suite, each, assertion].some(({ directive }) => directive === 'skip');
      yield { name, ...(skipped ? SKIPPED : judgeValue(expression, assertion)) };
    }
  }
}

function judgeValue(expression: unknown, { data, expected }: Assertion): Outcome {
  let found: unknown;
  try {
    found = compileLogic(expression)(data);
  } catch (error) {
    if (!(error instanceof LogicError || error instanceof LogicFault)) throw error;
    return differ(`${error.name}: ${error.message}`);
  }
  // Date-times are compared as the suite writes them: ISO 8601 with milliseconds.
  const plain: unknown = JSON.parse(JSON.stringify(found));
  return isDeepStrictEqual(plain, expected)
    ? agree()
    : differ(`${JSON.stringify(plain)}, expected ${JSON.stringify(expected)}`);
}

function* validationCases(file: string, suite: ValidationSuite): Generator<CaseResult> {
  for (const [i, each] of suite.cases.entries()) {
    const skipped = [suite, each].some(({ directive }) => directive === 'skip');
    yield { name: `${file}: #${i + 1}`, ...(skipped ? SKIPPED : judgeIssues(each.certLogicExpression, each.issues)) };
  }
}

/** The same expressions must be found at fault. Wording and number of messages are each implementation's own: a difference is told. */
function judgeIssues(expression: unknown, expected: readonly Issue[]): Outcome {
  const found = validateLogic(expression).map(({ expr, message }): Issue => ({ expr, message }));
  if (isDeepStrictEqual(found, expected)) return agree();
  const told = `${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`;
  return isDeepStrictEqual(faulty(found), faulty(expected)) ? agree(`worded differently: ${told}`) : differ(told);
}

const faulty = (issues: readonly Issue[]): string[] =>
  [...new Set(issues.map(({ expr }) => JSON.stringify(expr)))].sort();
