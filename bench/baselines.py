"""What the project is measured against, each a small web application.

`bare` answers a constant. `sample` does, in words of our own, the work for each answer of Twilio's sample application
for surveys by telephone (github.com/TwilioDevEd/automated-survey-flask): a session of SQLAlchemy's ORM, TwiML from the
SDK, the next question asked for by a redirect; no signature is checked, and a repeated request is answered twice.
"""

import os

from flask import Flask, request, url_for
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, scoped_session, sessionmaker
from twilio.twiml.voice_response import VoiceResponse

QUESTIONS = 4


def bare() -> Flask:
    app = Flask("bare", static_folder=None)

    @app.post("/voice/<call_sid>/<int:turn>")
    def answer(call_sid: str, turn: int) -> str:  # noqa: ARG001
        return "<Response/>"

    return app


class Base(DeclarativeBase):
    pass


class Survey(Base):
    __tablename__ = "surveys"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    questions: Mapped[list["Question"]] = relationship(back_populates="survey", lazy="dynamic")


class Question(Base):
    __tablename__ = "questions"
    id: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str]
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"))
    survey: Mapped[Survey] = relationship(back_populates="questions")

    def next(self) -> "Question | None":
        return self.survey.questions.filter(Question.id > self.id).order_by(Question.id).first()


class Answer(Base):
    __tablename__ = "answers"
    id: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str]
    session_id: Mapped[str]
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"))
    question: Mapped[Question] = relationship()


def sample() -> Flask:
    """Its SQLite file is the one named by SAMPLE_DATABASE, with SQLite's own settings, as in the sample."""
    engine = create_engine(f"sqlite:///{os.environ['SAMPLE_DATABASE']}")
    Base.metadata.create_all(engine)
    session = scoped_session(sessionmaker(engine))
    if session.scalar(select(Survey)) is None:
        session.add(Survey(id=1, title="After the call"))
        session.add_all(Question(id=i + 1, content=f"How was part {i}?", survey_id=1) for i in range(QUESTIONS))
        session.commit()
    app = Flask("sample", static_folder=None)
    app.teardown_appcontext(lambda _: session.remove())

    @app.get("/question/<int:question_id>")
    def question(question_id: int) -> str:
        asked = session.get_one(Question, question_id)
        response = VoiceResponse()
        response.say(asked.content)
        response.say("Please press a number from 0 to 10 and then hit the pound sign")
        response.gather(action=url_for("answer", question_id=question_id))
        return str(response)

    @app.post("/answer/<int:question_id>")
    def answer(question_id: int) -> str:
        asked = session.get_one(Question, question_id)
        values = request.values
        session.add(Answer(content=values["Digits"], question=asked, session_id=values["CallSid"]))
        session.commit()
        response = VoiceResponse()
        if following := asked.next():
            response.redirect(url_for("question", question_id=following.id), method="GET")
        else:
            response.say("Thank you for answering our survey. Good bye!")
            response.hangup()
        return str(response)

    return app
