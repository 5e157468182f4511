// SPDX-License-Identifier: Apache-2.0
// The names that options, traces and texts have in common, and whose probabilities a number is.
#include "core/record/kind_names.h"
#include "core/record/quantity.h"

#include <QTest>

using namespace headwater;

class TestKindNames : public QObject {
    Q_OBJECT

private slots:
    void everyKind_isFoundByItsName()
    {
        const auto kAll = {Selection::Auto, Selection::Exact, Selection::Tree, Selection::Stream};
        const std::vector<std::string> names = {"auto", "exact", "tree", "stream"};
        auto name = names.begin();
        for (const Selection selection : kAll) {
            QCOMPARE(std::string(nameOf(selection)), *name);
            QVERIFY(kindNamed(*name++, kAll) == selection);
        }
        QVERIFY(kindNamed("kept", {Normaliser::Exact, Normaliser::Kept}) == Normaliser::Kept);
        QVERIFY(kindNamed("exact", {Normaliser::Exact, Normaliser::Kept}) == Normaliser::Exact);
        QVERIFY(kindNamed("global", {HeadKind::Global, HeadKind::Sliding}) == HeadKind::Global);
        QVERIFY(kindNamed("sliding", {HeadKind::Global, HeadKind::Sliding}) == HeadKind::Sliding);
        for (const char* const none : {"", "Exact", "exact ", "treetop"})
            QVERIFY(!kindNamed(none, kAll));
    }

    void onlySearchedPropagatedRows_areOfTheKeptKeys()
    {
        for (const Selection selection : {Selection::Exact, Selection::Tree, Selection::Stream}) {
            QVERIFY(normaliserOf(false, selection) == Normaliser::Exact);
            QVERIFY((normaliserOf(true, selection) == Normaliser::Kept) == (selection != Selection::Exact));
        }
        QCOMPARE(std::string(quantityOf(false, Normaliser::Exact)), std::string("p_model"));
        QCOMPARE(std::string(quantityOf(true, Normaliser::Exact)), std::string("p_stream"));
        QCOMPARE(std::string(quantityOf(true, Normaliser::Kept)), std::string("p_masked"));
        QCOMPARE(std::string(wholeRowQuantity(true)), std::string("p_stream"));
        QCOMPARE(std::string(wholeRowQuantity(false)), std::string("p_model"));
    }
};

QTEST_APPLESS_MAIN(TestKindNames)
#include "tst_kind_names.moc"
