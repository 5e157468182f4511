// SPDX-License-Identifier: Apache-2.0
#include "cli/needle_folder.h"

#include <QMap>
#include <QRegularExpression>
#include <QtTest>
#include <cmath>

using namespace headwater::test;

/// `row`, `cells`, `heads`, `place` and `find` answer from a trace what it holds, and say what it does not.
class TestReadingVerbs : public NeedleFolder {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY(record()); }

    void row_recorded_isExact()
    {
        const Outcome outcome =
            run({"row", "p.hwt", "--token", "last:1", "--layer", "0", "--head", "0", "--json"});
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        const QJsonObject row = outcome.json();
        QCOMPARE(row["token"].toInt(), tokens() - 1);
        QVERIFY(row["exact"].toBool() && row["blocks"].isNull());
        const QJsonArray keys = row["keys"].toArray();
        const QJsonArray p = row["p"].toArray();
        QVERIFY(!keys.isEmpty() && keys.size() == p.size() && keys.size() == row["held"].toInt());
        double sum = 0;
        for (int i = 0; i < p.size(); ++i) {
            QVERIFY(i == 0 || p[i].toDouble() <= p[i - 1].toDouble());
            QVERIFY(keys[i].toInt() < tokens());
            sum += p[i].toDouble();
        }
        QCOMPARE(row["bound"].toDouble(), p.last().toDouble());
        QVERIFY(std::abs(row["rest"].toDouble() - (1 - sum)) < 1e-6);
    }

    void row_ofManyHeads_isAList()
    {
        const QJsonArray rows =
            list({"row", "p.hwt", "--token", "700,last:1", "--layer", "all", "--head", "all", "--json"});
        QVERIFY(rows.isEmpty()); // last:N stands alone
        const QJsonArray some = list({"row", "p.hwt", "--token", "700,701", "--layer", "all", "--head", "all",
                                      "--top", "2", "--json"});
        QCOMPARE(some.size(), 2 * m_info["heads"].toArray().size());
        for (const QJsonValue& value : some) {
            const QJsonObject row = value.toObject();
            QVERIFY(!row["exact"].toBool() && row["keys"].isNull() && row["p"].isNull());
            QVERIFY(row["blocks"].toArray().size() <= 2
                    && row["blocks"].toArray().size() <= row["held"].toInt());
            for (const QJsonValue& block : row["blocks"].toArray()) {
                QVERIFY(block["query"][0].toInt() <= row["token"].toInt());
                QVERIFY(row["token"].toInt() < block["query"][1].toInt());
                QVERIFY(block["peak_key"].toInt() >= block["key"][0].toInt());
                QVERIFY(block["peak_key"].toInt() < block["key"][1].toInt());
            }
        }
    }

    void row_intoNpy_hasNoNumberThatIsNotKnown_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::newRow("global") << "global";
        QTest::newRow("sliding") << "sliding";
    }

    void row_intoNpy_hasNoNumberThatIsNotKnown()
    {
        QFETCH(const QString, kind);
        const QStringList head = headOf(kind);
        QVERIFY(!head.isEmpty());
        int window = tokens();
        for (const QJsonValue& info : m_info["heads"].toArray()) {
            if (kind == "sliding" && info["kind"].toString() == kind)
                window = info["window"].toInt();
        }
        const int rows[] = {700, tokens() - 1};
        const Outcome outcome =
            run(QStringList{"row", "p.hwt", "--token", QStringLiteral("%1,%2").arg(rows[0]).arg(rows[1]),
                            "-o", "r.npy", "--json"}
                + head);
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        const QJsonArray told = QJsonDocument::fromJson(outcome.out).array();
        const auto count = static_cast<std::size_t>(tokens());
        QFile file(m_folder.filePath("r.npy"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.read(128).contains(QByteArrayLiteral("(2, ") + QByteArray::number(tokens())));
        const std::vector<float> values = numbersOf("r.npy", 2 * count);
        QCOMPARE(values.size(), 2 * count);
        for (int i = 0; i < 2; ++i) {
            QMap<int, double> known;
            const QJsonArray keys = told[i]["keys"].toArray();
            for (int k = 0; k < keys.size(); ++k)
                known[keys[k].toInt()] = told[i]["p"][k].toDouble();
            QVERIFY(i == 0 || !known.isEmpty());
            const bool isWhole = !known.isEmpty() && told[i]["bound"].toDouble() == 0;
            for (int key = 0; key < tokens(); ++key) {
                const float value =
                    values[static_cast<std::size_t>(i) * count + static_cast<std::size_t>(key)];
                if (key > rows[i] || key <= rows[i] - window || (isWhole && !known.contains(key)))
                    QCOMPARE(value, 0.0F); // it cannot be read
                else if (known.contains(key))
                    QCOMPARE(value, static_cast<float>(known[key]));
                else
                    QVERIFY(std::isnan(value));
            }
        }
        QCOMPARE(run(QStringList{"row", "p.hwt", "--token", "700", "-o", "r.npz"} + head).code, 0);
        QCOMPARE(run(QStringList{"row", "p.hwt", "--token", "700", "-o", "r.txt"} + head).code, 64);
    }

    /// One value a head, the same in JSON and CSV, and the same as `cells` has of the pair.
    void place_ofAPair_isThatOfItsCells()
    {
        const Outcome outcome = run({"place", "p.hwt", "--pair", "700", "3", "-o", "h.csv", "--json"});
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        const QJsonObject place = outcome.json();
        QCOMPARE(place["rows"].toArray(), (QJsonArray{700, 701}));
        QCOMPARE(place["seal"].toString().size(), 16);
        const QJsonArray heads = place["heads"].toArray();
        QCOMPARE(heads.size(), m_info["heads"].toArray().size());
        QFile file(m_folder.filePath("h.csv"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QList<QByteArray> lines = file.readAll().trimmed().split('\n');
        QCOMPARE(lines.size(), heads.size() + 3);
        QVERIFY(lines[0].startsWith("# seal " + place["seal"].toString().toUtf8()));
        QCOMPARE(lines[2], QByteArray("layer,head,state,lower,upper,quantity,key"));
        for (qsizetype i = 0; i < heads.size(); ++i) {
            const QJsonObject head = heads[i].toObject();
            const QList<QByteArray> cells = lines[i + 3].split(',');
            QCOMPARE(cells[0].toInt(), head["layer"].toInt());
            QCOMPARE(cells[1].toInt(), head["head"].toInt());
            QCOMPARE(QString::fromUtf8(cells[2]), head["state"].toString());
            const QJsonObject pair = run({"cells", "p.hwt", "--level", "0", "--queries", "700:701", "--keys",
                                          "3:4", "--layer", QString::number(head["layer"].toInt()), "--head",
                                          QString::number(head["head"].toInt()), "--json"})
                                         .json()["pairs"][0]
                                         .toObject();
            if (pair.isEmpty()) {
                QCOMPARE(head["state"].toString(), QString("none"));
                QVERIFY(head["upper"].isNull() && cells[4].isEmpty());
                continue;
            }
            QVERIFY(std::abs(head["upper"].toDouble() - pair["bound"].toDouble()) < 1e-6);
            QCOMPARE(head["state"].toString() == "exact", !pair["p"].isNull());
        }
    }

    /// Computed again every pair is known, within what the trace said of it, and as whole rows have it.
    void place_exact_liesWithinTheBounds_data()
    {
        QTest::addColumn<QStringList>("place");
        QTest::newRow("pair") << QStringList{"--pair", "700", "3"};
        QTest::newRow("row") << QStringList{"--row", "700"};
        QTest::newRow("key") << QStringList{"--key", "1900"};
        QTest::newRow("span") << QStringList{"--rows", "700:720", "--keys", "30:50"};
    }

    void place_exact_liesWithinTheBounds()
    {
        QFETCH(const QStringList, place);
        const Outcome exact = run(QStringList{"place", "p.hwt", "--exact", "--json"} + place);
        QVERIFY2(exact.code == 0, exact.err.constData());
        const QJsonArray known =
            run(QStringList{"place", "p.hwt", "--json"} + place).json()["heads"].toArray();
        const QJsonArray heads = exact.json()["heads"].toArray();
        QCOMPARE(heads.size(), known.size());
        int told = 0;
        for (const QJsonValue& head : heads) {
            if (head["state"].toString() == "none")
                continue;
            QCOMPARE(head["state"].toString(), QString("exact"));
            for (const QJsonValue& before : known) {
                if (before["layer"] != head["layer"] || before["head"] != head["head"])
                    continue;
                ++told;
                QVERIFY(before["lower"].toDouble() <= head["upper"].toDouble() + 1e-5);
                QVERIFY(before["upper"].isNull()
                        || before["upper"].toDouble() >= head["lower"].toDouble() - 1e-5);
            }
            if (place[0] != "--pair")
                continue;
            QCOMPARE(head["lower"], head["upper"]);
            const QJsonObject row = run({"row", "p.hwt", "--exact", "--token", "700", "--top", "701",
                                         "--layer", QString::number(head["layer"].toInt()), "--head",
                                         QString::number(head["head"].toInt()), "--json"})
                                        .json();
            const qsizetype at = row["keys"].toArray().toVariantList().indexOf(QVariant(3));
            QVERIFY(at >= 0);
            QVERIFY(std::abs(row["p"][static_cast<int>(at)].toDouble() - head["lower"].toDouble()) < 1e-6);
        }
        QVERIFY(told > 0);
    }

    void place_thatIsNone_isRefused_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("nothing") << QStringList{};
        QTest::newRow("future") << QStringList{"--pair", "3", "4"};
        QTest::newRow("rows alone") << QStringList{"--rows", "3:9"};
        QTest::newRow("beyond") << QStringList{"--key", "4294967295"};
        QTest::newRow("two") << QStringList{"--row", "3", "--pair", "3", "2"};
        QTest::newRow("both forms") << QStringList{"--row", "3", "--json", "--csv"};
        QTest::newRow("another ending") << QStringList{"--row", "3", "-o", "h.txt"};
    }

    void place_thatIsNone_isRefused()
    {
        QFETCH(const QStringList, arguments);
        QCOMPARE(run(QStringList{"place", "p.hwt"} + arguments).code, 64);
    }

    /// The one word who reads it: from the heaviest on, each as `place` has it of its rows.
    void readers_areWhatPlaceSays()
    {
        const QJsonObject all =
            run({"readers", "p.hwt", "--keys", "700:701", "--top", "6", "--json", "--shade"}).json();
        const QJsonArray readers = all["readers"].toArray();
        QCOMPARE(readers.size(), 6);
        QVERIFY(all["held"].toInt() > 6);
        QCOMPARE(all["shade"].toArray().size(), tokens() - 700);
        double before = 2;
        for (const QJsonValue& reader : readers) {
            QVERIFY(reader["lower"].toDouble() <= before);
            before = reader["lower"].toDouble();
            const QString rows =
                QStringLiteral("%1:%2").arg(reader["rows"][0].toInt()).arg(reader["rows"][1].toInt());
            bool isFound = false;
            for (const QJsonValue& head :
                 run({"place", "p.hwt", "--rows", rows, "--keys", "700:701", "--json"})
                     .json()["heads"]
                     .toArray()) {
                if (head["layer"] != reader["layer"] || head["head"] != reader["head"])
                    continue;
                isFound = true;
                QCOMPARE(head["state"], reader["state"]);
                QVERIFY(std::abs(head["lower"].toDouble() - reader["lower"].toDouble()) < 1e-6);
                QVERIFY(std::abs(head["upper"].toDouble() - reader["upper"].toDouble()) < 1e-6);
            }
            QVERIFY(isFound);
        }
        QCOMPARE(run({"readers", "p.hwt", "--keys", "9:9"}).code, 64);
        QCOMPARE(run({"readers", "p.hwt", "--keys", "9:10", "--shade"}).code, 64);
    }

    /// The needle model finds its needle by copying: retrieval heads are named, by a score that all its rows
    /// bear.
    void scores_nameWhatHeadsDo()
    {
        const QJsonObject all = run({"scores", "p.hwt", "--by", "retrieval", "--json"}).json();
        const QJsonArray heads = all["heads"].toArray();
        QCOMPARE(heads.size(), m_info["heads"].toArray().size());
        double before = 2;
        int named = 0;
        for (const QJsonValue& head : heads) {
            const QJsonValue retrieval = head["scores"]["retrieval"];
            QVERIFY(retrieval["lower"].toDouble() <= before);
            before = retrieval["lower"].toDouble();
            const QString name = head["name"].toString();
            QVERIFY(name.isEmpty() || all["thresholds"][name].toDouble() >= 0.1);
            named += name.isEmpty() ? 0 : 1;
            for (const QJsonValue& score : head["scores"].toObject()) {
                if (!score["upper"].isNull())
                    QVERIFY(score["lower"].toDouble() <= score["upper"].toDouble());
            }
        }
        QVERIFY(named > 0);
        QCOMPARE(run({"scores", "p.hwt", "--top", "2", "--json"}).json()["heads"].toArray().size(), 2);
        QCOMPARE(run({"scores", "p.hwt", "--by", "copying"}).code, 64);
    }

    void row_wrongTokens_areRefused_data()
    {
        QTest::addColumn<QString>("token");
        for (const char* const token : {"100000", "last:0", "last:100000", "-1", "a", ""})
            QTest::newRow(token) << QString(token);
    }

    void row_wrongTokens_areRefused()
    {
        QFETCH(const QString, token);
        const Outcome outcome =
            run({"row", "p.hwt", "--token=" + token, "--layer", "0", "--head", "0", "--json"});
        QCOMPARE(outcome.code, 64);
        QVERIFY(outcome.json()["error"].isObject());
    }

    void cells_agreeWithTheRow()
    {
        const QJsonObject row =
            run({"row", "p.hwt", "--token", "700", "--layer", "1", "--head", "0", "--json"}).json();
        const QJsonArray span = row["blocks"][0]["query"].toArray();
        const QString queries = QStringLiteral("%1:%2").arg(span[0].toInt()).arg(span[1].toInt());
        const Outcome outcome = run({"cells", "p.hwt", "--layer", "1", "--head", "0", "--queries", queries,
                                     "--keys", QStringLiteral("0:%1").arg(tokens()), "--json"});
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        const QJsonObject cells = outcome.json();
        QVERIFY(cells["pairs"].isNull());
        QCOMPARE(cells["cells"].toArray().size(), row["blocks"].toArray().size());
        double mass = 0;
        for (const QJsonValue& cell : cells["cells"].toArray())
            mass += cell["mass"].toDouble();
        double blocks = 0;
        for (const QJsonValue& block : row["blocks"].toArray())
            blocks += block["mass"].toDouble();
        QVERIFY(std::abs(mass - blocks) < 1e-6);
    }

    void cells_ofSingleTokens_sayWhatIsKnown()
    {
        const QString last = QStringLiteral("%1:%2").arg(tokens() - 1).arg(tokens());
        const QJsonObject cells =
            run(QStringList{"cells", "p.hwt", "--queries", last, "--keys",
                            QStringLiteral("0:%1").arg(tokens()), "--level", "0", "--json"}
                + headOf("global"))
                .json();
        QVERIFY(cells["cells"].isNull());
        QCOMPARE(cells["pairs"].toArray().size(), tokens());
        int recorded = 0;
        for (const QJsonValue& pair : cells["pairs"].toArray()) {
            const QString state = pair["state"].toString();
            recorded += state == "recorded" ? 1 : 0;
            QCOMPARE(pair["p"].isNull(), state != "recorded" && state != "peak");
        }
        const QJsonObject row =
            run(QStringList{"row", "p.hwt", "--token", "last:1", "--json"} + headOf("global")).json();
        QCOMPARE(recorded, row["keys"].toArray().size());
        // Between one token and a block a cell would show one pair's number for others.
        QCOMPARE(run({"cells", "p.hwt", "--layer", "0", "--head", "0", "--queries", "0:9", "--keys", "0:9",
                      "--level", "1", "--json"})
                     .code,
                 64);
    }

    void bounds_inWordsHold()
    {
        // What is printed after "at most " bounds what JSON says, of every head: a figure rounded to the
        // nearest is below it half of the time.
        const auto printedBounds = [](const QByteArray& text) {
            std::vector<double> bounds;
            const QRegularExpression most(QStringLiteral("at most ([0-9.e-]+)"));
            for (auto found = most.globalMatch(QString::fromUtf8(text)); found.hasNext();)
                bounds.push_back(found.next().captured(1).toDouble());
            return bounds;
        };
        std::size_t compared = 0;
        const auto hold = [&](const QStringList& arguments, const std::vector<double>& bounds) {
            const std::vector<double> printed = printedBounds(run(arguments).out);
            compared += printed.size();
            return printed.size() == bounds.size()
                && std::equal(printed.begin(), printed.end(), bounds.begin(), [](double said, double bound) {
                       return said >= bound && said <= bound * 1.011;
                   });
        };
        const auto known = [](const QJsonArray& items) {
            std::vector<double> bounds;
            for (const QJsonValue& item : items)
                if (item["bound"].isDouble() && !item["p"].isDouble())
                    bounds.push_back(item["bound"].toDouble());
            return bounds;
        };
        const QStringList rows{"row",     "p.hwt", "--token", "700,1400,last:2",
                               "--layer", "all",   "--head",  "all"};
        QVERIFY(hold(rows, known(list(rows + QStringList{"--json"}))));
        for (const QJsonValue& head : m_info["heads"].toArray()) {
            const QStringList of{"cells",     "p.hwt",
                                 "--layer",   QString::number(head["layer"].toInt()),
                                 "--head",    QString::number(head["head"].toInt()),
                                 "--queries", "700:704",
                                 "--keys",    "600:720"};
            QVERIFY(hold(of, known({run(of + QStringList{"--json"}).json()})));
            const QStringList pairs = of + QStringList{"--level", "0"};
            QVERIFY(hold(pairs, known(run(pairs + QStringList{"--json"}).json()["pairs"].toArray())));
        }
        QVERIFY(compared > 1000);
    }

    void heads_areInOrder_data()
    {
        QTest::addColumn<QString>("by");
        QTest::addColumn<QString>("path"); // of the number in `info`
        QTest::newRow("kept") << "kept"
                              << "kept_mass/mean";
        QTest::newRow("content") << "content"
                                 << "kept_mass/content";
        QTest::newRow("entropy") << "entropy"
                                 << "entropy";
        QTest::newRow("distance") << "distance"
                                  << "mean_distance";
        QTest::newRow("sink") << "sink"
                              << "sink_share";
        QTest::newRow("density") << "density"
                                 << "density";
    }

    void heads_areInOrder()
    {
        QFETCH(const QString, by);
        QFETCH(const QString, path);
        for (const bool rising : {false, true}) {
            QStringList arguments{"heads", "p.hwt", "--by", by, "--json"};
            if (rising)
                arguments << "--rising";
            const QJsonObject out = run(arguments).json();
            QCOMPARE(out["falling"].toBool(), !rising);
            const QJsonArray heads = out["heads"].toArray();
            QCOMPARE(heads.size(), m_info["heads"].toArray().size());
            for (int i = 0; i < heads.size(); ++i) {
                for (const QJsonValue& head : m_info["heads"].toArray()) {
                    if (head["layer"] != heads[i]["layer"] || head["head"] != heads[i]["head"])
                        continue;
                    QJsonValue number = head;
                    for (const QString& key : path.split('/'))
                        number = number[key];
                    QCOMPARE(heads[i]["value"], number);
                }
                if (i == 0)
                    continue;
                const double step = heads[i]["value"].toDouble() - heads[i - 1]["value"].toDouble();
                QVERIFY(heads[i]["value"].isNull() || (rising ? step >= 0 : step <= 0));
            }
        }
    }

    void heads_byMass_areTheRows()
    {
        const QJsonObject out =
            run({"heads", "p.hwt", "--by", "mass", "--token", "last:1", "--key", "0", "--json"}).json();
        QVERIFY(out["reads"]["exact"].toBool());
        const QJsonArray rows =
            list({"row", "p.hwt", "--token", "last:1", "--layer", "all", "--head", "all", "--json"});
        QCOMPARE(out["heads"].toArray().size(), rows.size());
        for (const QJsonValue& head : out["heads"].toArray()) {
            for (const QJsonValue& row : rows) {
                if (row["layer"] != head["layer"] || row["head"] != head["head"])
                    continue;
                // A row that lists all it may read (a sliding head's window) gives others exactly nothing.
                QJsonValue expected = row["bound"].toDouble(1) == 0 ? QJsonValue(0.0) : QJsonValue();
                const QJsonArray keys = row["keys"].toArray();
                for (int i = 0; i < keys.size(); ++i)
                    expected = keys[i].toInt() == 0 ? row["p"][i] : expected;
                QCOMPARE(head["value"], expected); // null: not among those recorded, not nothing
            }
        }
        QCOMPARE(run({"heads", "p.hwt", "--by", "mass", "--json"}).code, 64);
        QCOMPARE(run({"heads", "p.hwt", "--by", "kept", "--token", "1", "--json"}).code, 64);
        QCOMPARE(run({"heads", "p.hwt", "--by", "mass", "--token", "5", "--key", "6", "--json"}).code, 64);
    }

    void find_tellsTheTokens()
    {
        const QJsonObject out = run({"find", "p.hwt", "THE", "--json"}).json();
        QVERIFY(out["case_ignored"].toBool());
        QVERIFY(out["occurrences"].toInt() >= out["spans"].toArray().size());
        const QJsonObject cut = run({"find", "p.hwt", "e", "--most", "1", "--json"}).json();
        QVERIFY(cut["cut"].toBool());
        QCOMPARE(cut["spans"].toArray().size(), 1);
        QCOMPARE(run({"find", "p.hwt", "no such words are there", "--json"}).json()["spans"].toArray().size(),
                 0);
        QCOMPARE(run({"find", "p.hwt", "--json", "--", ""}).code, 64);
    }
};

QTEST_GUILESS_MAIN(TestReadingVerbs)
#include "tst_reading_verbs.moc"
